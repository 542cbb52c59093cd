import { render } from 'preact';
import { App } from './shell/app.js';
import './styles/base.css';
import './styles/controls.css';
import './styles/shell.css';
import './styles/live.css';

render(<App />, document.getElementById('app') as HTMLElement);
