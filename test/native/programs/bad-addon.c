// Run by probe.test.ts: a shared library that misbehaves as soon as it is loaded.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

__attribute__((constructor)) static void misbehave(void) {
#if defined(CHATTER)
  puts("{\"devices\": []}");
  puts("Loading …");
#elif defined(HANG)
  for (;;) pause();
#elif defined(LEAVE)
  _exit(3);
#else
  fputs("the first words\nout of memory\n", stderr);
  raise(SIGNAL);
#endif
}
