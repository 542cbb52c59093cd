import { openInference } from './inference.js';
import { serveParent } from './serve-parent.js';

// Entry of an inference process: everything that may crash, abort or hang in whisper.cpp does so here.
serveParent(openInference);
