import type {
  JsonSchema,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
  OpenApiResponse,
} from './openapi-document.js';
import { schemaFields, typeName } from './schema-fields.js';

/** The page's only style. Colours follow the reader's system. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1c2127; --soft: #59636e; --page: #fff; --card: #f5f7f9; --line: #d5dbe1; --accent: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --soft: #9aa5b1; --page: #14181c; --card: #1d2329; --line: #343d46; --accent: #7db8f5; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--page); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { line-height: 1.2; margin: 0.5rem 0; }
h2 { margin: 2.5rem 0 0.5rem; border-bottom: 1px solid var(--line); }
h4 { margin: 1rem 0 0.25rem; font-size: 1rem; }
p { margin: 0.25rem 0; }
a { color: var(--accent); }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
nav ul { list-style: none; padding: 0; }
nav li { padding: 0.15rem 0; }
nav small, .soft { color: var(--soft); }
details { margin: 0.75rem 0; border: 1px solid var(--line); border-radius: 0.5rem; background: var(--card); }
summary { padding: 0.75rem 1rem; cursor: pointer; }
summary:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
summary h3 { display: inline; font-size: 1rem; overflow-wrap: anywhere; }
summary p { color: var(--soft); }
details > div { padding: 0 1rem 1rem; }
b.method { color: var(--accent); font-family: ui-monospace, monospace; }
dl { margin: 0.25rem 0; }
dt { border-top: 1px solid var(--line); padding-top: 0.35rem; }
dd { margin: 0 0 0.35rem 1rem; }
@media print { details > div { display: block; } }
`;

/** A document to read: HTML without a script, and without anything from elsewhere. */
export function documentPage({ info, tags, paths }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(([method, operation]) => ({ method, path, operation })),
  );
  const ofTag = (name: string) => operations.filter(({ operation }) => operation.tags[0] === name);
  const isOpen = operations.every(
    ({ operation: { security } }) =>
      security.length === 0 || security.some((each) => Object.keys(each).length === 0),
  );
  const key = isOpen
    ? 'This gateway needs no key.'
    : 'Requests need a key: <code>Authorization: Bearer KEY</code>, or <code>?token=TOKEN</code>.';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(info.title)} API</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>${escapeHtml(info.title)} API</h1>
<p class="soft">Version ${escapeHtml(info.version)} · <a href="/openapi.json">openapi.json</a></p>
<p>${markdown(info.description)}</p>
<p>${key}</p>
</header>
<nav aria-label="Routes"><ul>
${operations.map(({ method, path, operation }) => `<li><a href="#${operation.operationId}">${nameOf(method, path)}</a> <small>${escapeHtml(operation.summary)}</small></li>`).join('\n')}
</ul></nav>
<main>
${tags.map(({ name }) => `<h2>${escapeHtml(name)}</h2>\n${ofTag(name).map(section).join('\n')}`).join('\n')}
</main>
</body>
</html>
`;
}

interface Listed {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

function section({ method, path, operation }: Listed): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  return `<details open id="${operationId}">
<summary><h3>${nameOf(method, path)}</h3><p>${escapeHtml(summary)}</p></summary>
<div>
${description ? `<p>${markdown(description)}</p>` : ''}
${parameters.length > 0 ? `<h4>Parameters</h4>\n<dl>${parameters.map(parameter).join('\n')}</dl>` : ''}
${requestBody ? contents('Body', requestBody.content) : ''}
${Object.entries(responses).map(response).join('\n')}
</div>
</details>`;
}

function nameOf(method: string, path: string): string {
  return `<b class="method">${escapeHtml(method.toUpperCase())}</b> <code>${escapeHtml(path)}</code>`;
}

function parameter({ name, in: where, required, schema }: OpenApiParameter): string {
  return row(name, `${typeName(schema)}, in the ${where}${required ? ', needed' : ''}`, schema);
}

function response([status, { description, content }]: [string, OpenApiResponse]): string {
  const text = `<h4>${escapeHtml(status)}</h4>\n<p>${markdown(description)}</p>`;
  // An error's shape is the same everywhere; its codes stand in the text.
  return Number(status) >= 400 ? text : `${text}\n${contents('', content)}`;
}

function contents(title: string, content: OpenApiResponse['content']): string {
  return Object.entries(content)
    .map(([type, { schema }]) => {
      const fields = schemaFields(schema);
      const heading = `<p>${title ? `<b>${title}</b> ` : ''}<code>${escapeHtml(type)}</code> ${markdown(String(schema.description ?? ''))}</p>`;
      const rows = fields.map(({ path, type: kind, needed, schema: field }) =>
        row(path, `${kind}${needed ? ', needed' : ''}`, field),
      );
      return rows.length > 0 ? `${heading}\n<dl>${rows.join('\n')}</dl>` : heading;
    })
    .join('\n');
}

function row(name: string, kind: string, { description, default: fallback }: JsonSchema): string {
  const otherwise =
    fallback === undefined ? '' : `, else <code>${escapeHtml(JSON.stringify(fallback))}</code>`;
  const meaning = description ? `<dd>${markdown(String(description))}</dd>` : '';
  return `<dt><code>${escapeHtml(name)}</code> <span class="soft">${escapeHtml(kind)}${otherwise}</span></dt>${meaning}`;
}

/** The little of Markdown that descriptions use: code and paragraphs. */
function markdown(text: string): string {
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll('\n\n', '<br>');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
