import { serveParent } from './serve-parent.js';
import { openVoiceActivity } from './voice-activity-service.js';

// Entry of the voice-activity process, apart from inference so that neither falls with the other.
serveParent(openVoiceActivity);
