import { z } from 'zod';

/** A Markdown table; cells may hold any text on one line. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** `src/errors`: what each code means to everybody who meets it. */
export function errorTable(catalog) {
  return table(
    ['Code', 'HTTP status', 'Close code', 'Try again?', 'Message'],
    Object.entries(catalog).map(([code, { status, close, retryable, message }]) => [
      `\`${code}\``,
      status,
      close,
      retryable ? 'yes' : 'no',
      message,
    ]),
  );
}

/** `src/config`: every environment variable. */
export function optionTable(configSchema) {
  const { properties } = z.toJSONSchema(configSchema, { io: 'input' });
  return table(
    ['Variable', 'Meaning', 'Unit', 'Default', 'Bounds'],
    Object.entries(properties).map(([name, option]) => [
      `\`${option.env}\``,
      option.description,
      unitOf(name),
      option.default === undefined ? '' : `\`${option.default}\``,
      boundsOf(option),
    ]),
  );
}

function unitOf(name) {
  if (name.endsWith('Ms')) return 'ms';
  return name.endsWith('Bytes') ? 'bytes' : '';
}

function boundsOf({ enum: values, minimum, maximum }) {
  if (values) return values.map((value) => `\`${value}\``).join(', ');
  return minimum === undefined ? '' : `${minimum} … ${maximum}`;
}

/** `src/telemetry`: every metric at `/metrics`. */
export function metricTable(metrics) {
  return table(
    ['Metric', 'Kind', 'Labels', 'Meaning'],
    Object.values(metrics).map(({ name, kind, labelNames, help }) => [
      `\`${name}\``,
      kind,
      labelNames.map((label) => `\`${label}\``).join(', '),
      help,
    ]),
  );
}

/**
 * `src/protocol`: one section a message, from a discriminated union on `type`.
 * @param {boolean} fromClient What a client leaves out has a default; what the server leaves out is
 *   not there.
 */
export function messageReference(schema, fromClient) {
  const { oneOf } = z.toJSONSchema(schema, { io: 'input' });
  return oneOf.map((message) => messageSection(message, fromClient)).join('\n\n');
}

/** They stand on every event of a session; the page says so once. */
const ofEverySession = ['session_id', 'seq'];

function messageSection({ description, properties, required }, fromClient) {
  const { type, ...fields } = properties;
  for (const name of ofEverySession) delete fields[name];
  const heading = `### \`${type.const}\`\n\n${description}`;
  const rows = fieldRows(fields, required);
  if (rows.length === 0) return heading;
  const head = fromClient
    ? ['Field', 'Type', 'Needed', 'Default', 'Meaning']
    : ['Field', 'Type', 'Always', 'Meaning'];
  const cells = rows.map(([name, kind, needed, fallback, meaning]) =>
    fromClient ? [name, kind, needed, fallback, meaning] : [name, kind, needed, meaning],
  );
  return `${heading}\n\n${table(head, cells)}`;
}

/** The fields of a message; those of an object inside follow it as `outer.inner`. */
function fieldRows(fields, required = [], prefix = '') {
  return Object.entries(fields).flatMap(([name, field]) => {
    const row = [
      `\`${prefix}${name}\``,
      typeOf(field),
      required.includes(name) ? 'yes' : '',
      field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``,
      field.description ?? '',
    ];
    const inner = field.type === 'array' ? field.items : field;
    const path = `${prefix}${name}${field.type === 'array' ? '[]' : ''}.`;
    return [row, ...fieldRows(inner.properties ?? {}, inner.required, path)];
  });
}

function typeOf(field) {
  if (field.anyOf) return field.anyOf.map(typeOf).join(' or ');
  if (field.enum) return field.enum.map((value) => `\`"${value}"\``).join(' or ');
  if (field.type === 'array') return `list of ${typeOf(field.items)}`;
  if (Array.isArray(field.type)) return field.type.join(' or ');
  const bounds = numberBounds(field) ?? lengthBounds(field);
  return bounds ? `${field.type}, ${bounds}` : field.type;
}

function numberBounds({ minimum, maximum }) {
  // JSON Schema writes "any integer" as the range that JavaScript counts exactly.
  const upper = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum === undefined || minimum === Number.MIN_SAFE_INTEGER) return undefined;
  return upper === undefined ? `${minimum} or more` : `${minimum} … ${upper}`;
}

function lengthBounds({ maxLength }) {
  return maxLength === undefined ? undefined : `up to ${maxLength} characters`;
}

/** `src/protocol`: why a socket is closed. */
export function closeCodeTable(closeCodes, catalog) {
  return table(
    ['Close code', 'Name', 'Follows'],
    Object.entries(closeCodes).map(([name, code]) => [
      code,
      `\`${name}\``,
      Object.entries(catalog)
        .filter(([, { close }]) => close === code)
        .map(([errorCode]) => `\`${errorCode}\``)
        .join(', '),
    ]),
  );
}

const mebibytes = (bytes) => Math.round(bytes / 2 ** 20).toLocaleString('en');

/** `src/models`: what recognises speech and can be downloaded by name, and what needs no download. */
export function modelTable(catalogue, embedded) {
  const models = catalogue.filter(({ kind }) => kind === 'recognition');
  return table(
    ['Name', 'Download, MiB', 'Memory, about MiB', 'Languages', 'SHA-1 of the file'],
    [
      [`\`${embedded.name}\``, 'comes with the gateway', '', 99, ''],
      ...models.map(({ name, bytes, memoryBytes, languages, files: [file] }) => [
        `\`${name}\``,
        mebibytes(bytes),
        mebibytes(memoryBytes),
        languages === 1 ? 'English' : languages,
        `\`${file.checksum.hex}\``,
      ]),
    ],
  );
}

/** `src/models`: the voices that can be downloaded by name. */
export function voiceTable(catalogue) {
  const names = new Intl.DisplayNames('en', { type: 'language' });
  const voices = catalogue.filter(({ kind }) => kind === 'voice');
  return table(
    [
      'Name',
      'Speaks',
      'Download, MiB',
      'Memory, about MiB',
      'Licence',
      'SHA-256 of the .onnx file',
    ],
    voices.map(({ name, language, bytes, memoryBytes, licence, files }) => [
      `\`${name}\``,
      language ? names.of(language) : 'English and Chinese',
      mebibytes(bytes),
      mebibytes(memoryBytes),
      licence,
      `\`${files.find((file) => file.name.endsWith('.onnx')).checksum.hex}\``,
    ]),
  );
}

/** `clients/overlay`: what can be said in its address. */
export function overlayTable(parameters) {
  return table(
    ['Parameter', 'Meaning', 'Values', 'Default'],
    Object.entries(parameters).map(([name, { meaning, values, fallback }]) => [
      `\`${name}\``,
      meaning,
      values,
      fallback === '' ? '' : `\`${fallback}\``,
    ]),
  );
}

/** `src/cli`: the help of every command, as the terminal shows it. */
export function commandReference(program) {
  return [program, ...program.commands.flatMap(withCommands)].map(commandSection).join('\n\n');
}

function withCommands(command) {
  return [command, ...command.commands.flatMap(withCommands)];
}

function commandSection(command) {
  let help = '';
  const out = { writeOut: (text) => (help += text), getOutHelpWidth: () => 90 };
  command.configureOutput(out).outputHelp();
  const names = [];
  for (let it = command; it; it = it.parent) names.unshift(it.name());
  return `## \`${names.join(' ')}\`\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\``;
}
