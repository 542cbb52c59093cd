/**
 * Imports point down the flow (ARCHITECTURE.md). Type imports count: a type that crosses the wrong
 * way is a dependency as well.
 */

/** The parts that sit on top: whoever knows them knows the server. */
const server = '^src/(http|transport|session|rooms|jobs|gateway|cli|doctor)/|^src/[^/]+\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'only-the-index-of-another-folder',
      comment: 'The index.ts of a folder is what it offers; the rest may change at any time.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/', pathNot: '^src/$1/|^src/[^/]+/index\\.ts$' },
    },
    {
      name: 'only-the-index-of-a-folder',
      comment: 'The same for the files at the top of src, and for everything outside of it.',
      severity: 'error',
      from: { path: '^(src/[^/]+\\.ts$|clients/|bench/)' },
      to: { path: '^src/[^/]+/', pathNot: '^src/[^/]+/index\\.ts$' },
    },
    {
      name: 'flow-knows-no-server',
      comment: 'Audio, transcripts, the wire and scheduling work without any server.',
      severity: 'error',
      from: {
        path: '^src/(audio|transcript|protocol|scheduler|engine|hosts|models|decoding|recording|post-processing)/',
      },
      to: { path: server },
    },
    {
      name: 'errors-and-config-stand-alone',
      comment: 'Everybody may use them, so they use nobody.',
      severity: 'error',
      from: { path: '^src/(errors|config)/' },
      to: { path: '^src/', pathNot: '^src/(errors|config)/' },
    },
    {
      name: 'protocol-is-shared-with-browsers',
      comment: 'The wire is used by clients: it needs nothing of Node and only errors of ours.',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { path: '^src/', pathNot: '^src/(protocol|errors)/' },
    },
    {
      name: 'protocol-runs-without-node',
      comment: 'The wire is used by clients in browsers.',
      severity: 'error',
      from: { path: '^src/(protocol|errors)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sockets-know-no-engine',
      comment: 'Requests reach inference through the session and the scheduler only.',
      severity: 'error',
      from: { path: '^src/(http|transport)/' },
      to: { path: '^src/(engine|hosts)/' },
    },
    {
      name: 'nobody-imports-an-entry',
      comment: 'Importing a process entry would start it.',
      severity: 'error',
      from: {},
      to: { path: '[/-]main\\.ts$' },
    },
    {
      name: 'only-the-entry-composes',
      comment: 'src/gateway joins the parts; parts do not know the whole.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main\\.ts$|cli/|gateway/)' },
      to: { path: '^src/gateway/' },
    },
    {
      name: 'product-knows-no-tests',
      comment: 'What ships does not depend on what checks it.',
      severity: 'error',
      from: { path: '^(src|clients)/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'clients-know-the-wire-only',
      comment: 'A client that reaches into the server works on one machine only.',
      severity: 'error',
      from: { path: '^clients/' },
      to: { path: '^src/', pathNot: '^src/(protocol|errors)/' },
    },
    {
      name: 'product-needs-no-development-packages',
      comment: 'They are not installed where the gateway runs.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '/@types/' },
    },
    {
      name: 'packages-are-declared',
      comment: 'What package.json does not name may be gone after the next installation.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'imports-resolve',
      comment: 'An import that leads nowhere fails at run time.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|build)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
    skipAnalysisNotInRules: true,
  },
};
