import { join } from 'node:path';
import ts from 'typescript';
import { packageRoot } from './package-root.mjs';

const file = join(packageRoot, 'clients/js/src/protocol.ts');
const settings = join(packageRoot, 'clients/js/tsconfig.build.json');

/**
 * The client's `protocol.ts` with everything it imports from the gateway written out in full: the
 * gateway's own types come from schemas, and a client should not need a schema library for its types.
 */
export function protocolTypes() {
  const { config } = ts.readConfigFile(settings, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    config,
    ts.sys,
    join(settings, '..'),
    {},
    settings,
  );
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const [imports] = source.statements.filter(ts.isImportDeclaration);
  const written = imports.importClause.namedBindings.elements.map(({ name }) =>
    declaration(checker, name),
  );
  return `${written.join('\n')}\n${source.text.slice(imports.end)}`;
}

function declaration(checker, name) {
  const symbol = checker.getAliasedSymbol(checker.getSymbolAtLocation(name));
  const isType = Boolean(symbol.flags & ts.SymbolFlags.TypeAlias);
  const type = isType ? checker.getDeclaredTypeOfSymbol(symbol) : checker.getTypeOfSymbol(symbol);
  const { NoTruncation, InTypeAlias } = ts.TypeFormatFlags;
  const text = checker.typeToString(type, undefined, NoTruncation | InTypeAlias);
  return isType ? `type ${name.text} = ${text};` : `declare const ${name.text}: ${text};`;
}
