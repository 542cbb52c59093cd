import { Ajv2020 } from 'ajv/dist/2020.js';

export type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
type Operation = {
  /** Ways to show a key; none where the route is open. */
  readonly security: readonly object[];
  readonly responses: Readonly<Record<string, { readonly content: object }>>;
};

/** Every operation of a document, as `GET /v1/models/{id}`. */
export function operationsOf({ paths }: Document): string[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** The operation that a request is of; undefined where there is none. */
export function operationOf(document: Document, method: string, url: string): string | undefined {
  const { pathname } = new URL(url);
  return operationsOf(document).find((operation) => {
    const [its, path = ''] = operation.split(' ');
    const escaped = path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+');
    return its === method && new RegExp(`^${escaped}$`).test(pathname);
  });
}

/** What an answer looks like that is compared with a document. */
export interface GivenAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
}

/** Says what of an answer is not as the document has it; null where all of it is. */
export function openApiChecker(document: Document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(document, 'openapi');
  return (operation: string, { status, contentType, body }: GivenAnswer): string | null => {
    const [method = '', path = ''] = operation.split(' ');
    const content = document.paths[path]?.[method.toLowerCase()]?.responses[status]?.content;
    if (!content) return `${operation} answers ${status}, which is not documented`;
    const type = (contentType ?? '').replace(/;.*/, '');
    if (!(type in content)) return `${operation} answers ${status} as ${type}`;
    const steps = ['paths', path, method.toLowerCase(), 'responses', String(status)];
    const pointer = [...steps, 'content', type, 'schema'].map(encodeStep).join('/');
    const value = type === 'application/json' ? JSON.parse(body) : body;
    const isAsSaid = ajv.compile({ $ref: `openapi#/${pointer}` });
    return isAsSaid(value) ? null : `${operation} ${status}: ${ajv.errorsText(isAsSaid.errors)}`;
  };
}

function encodeStep(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}
