#include "thread-priority.h"

#ifdef __linux__
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace whisper_gateway {

void GiveWay() {
#ifdef __linux__
  // Beside a thread of normal priority this leaves about a tenth of a core: enough to notice an
  // abort soon.
  constexpr int kNice = 10;
  // On Linux this is a thread's own. Where it is refused the thread goes on as any other, and one
  // of a process that gives way already stays where it is: root could raise it otherwise.
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  if (getpriority(PRIO_PROCESS, thread) < kNice) setpriority(PRIO_PROCESS, thread, kNice);
#endif
}

}  // namespace whisper_gateway
