import { render } from 'preact';
import { App } from './shell/app.js';
import './styles/base.css';
import './styles/controls.css';
import './styles/shell.css';
import './styles/live.css';
import './styles/files.css';
import './styles/transcript.css';
import './styles/monitor.css';
import '../../overlay/src/overlay.css';
import './styles/overlay-page.css';

render(<App />, document.getElementById('app') as HTMLElement);
