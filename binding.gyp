{
  # The addon is built by CMake. This target is for tools that insist on node-gyp; npm itself does
  # not use it, since package.json says "gypfile": false.
  'targets': [
    {
      'target_name': 'whisper_gateway',
      'type': 'none',
      'actions': [
        {
          'action_name': 'cmake',
          'inputs': ['native/CMakeLists.txt'],
          'outputs': ['build/cpu/whisper_gateway.node'],
          'action': ['node', 'scripts/build-native.mjs'],
        },
      ],
    },
  ],
}
