#pragma once

namespace whisper_gateway {

/**
 * Lets the calling thread, and those that it starts, compute with what others leave of the cores.
 * It cannot be taken back without privileges, so only a thread that soon ends may call it. Without
 * effect where the system has no such thing for threads.
 */
void GiveWay();

}  // namespace whisper_gateway
