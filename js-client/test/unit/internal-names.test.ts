import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";
import internalNames from "../../scripts/internal-names.json" with { type: "json" };

// The builds give other names to these properties. Here the compiler looks at each use of such a name.

/** Types of what is sent, or stored, as JSON. */
const SENT = new Set(
  "Message Advice SendData ControlCommand Fate QueueOptions Kept KeptTopic ResumePoint".split(" "),
);

const root = fileURLToPath(new URL("../../", import.meta.url));
const { config } = ts.readConfigFile(`${root}tsconfig.json`, (file) => ts.sys.readFile(file)) as {
  config: object;
};
const { fileNames, options } = ts.parseJsonConfigFileContent(
  { ...config, include: ["src"] },
  ts.sys,
  root,
);
const program = ts.createProgram(fileNames, options);
const checker = program.getTypeChecker();
const sources = program.getSourceFiles().filter(({ fileName }) => isOurs(fileName));
const names = new Set(internalNames);

function isOurs(fileName: string): boolean {
  return fileName.startsWith(`${root}src/`);
}

/** Why a declaration keeps its name; `undefined` if it is internal. */
function reasonOf(declaration: ts.Declaration): string | undefined {
  const { fileName } = declaration.getSourceFile();
  if (!isOurs(fileName)) return "of the platform";
  if (fileName.endsWith("/shared/wire.ts")) return "between tabs";
  for (let node: ts.Node = declaration; !ts.isSourceFile(node); node = node.parent) {
    // The type of something that this package has not made.
    if (ts.isAsExpression(node)) return "of an object that is cast";
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
      if (SENT.has(node.name.text)) return "on the wire";
    }
  }
  return undefined;
}

/** The name of a property that a node uses or declares, with the type that has the property. */
function usedBy(node: ts.Node): { name: ts.Node; type?: ts.Type | undefined } | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    return { name: node.name, type: checker.getTypeAtLocation(node.expression) };
  }
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
    const name = node.propertyName ?? node.name;
    return { name, type: checker.getTypeAtLocation(node.parent) };
  }
  if (
    ts.isObjectLiteralElementLike(node) &&
    node.name &&
    ts.isObjectLiteralExpression(node.parent)
  ) {
    return { name: node.name, type: checker.getContextualType(node.parent) };
  }
  return undefined;
}

const declarationsOf = (type: ts.Type, name: string): readonly ts.Declaration[] =>
  (type.isUnion() ? type.types : [type]).flatMap(
    (each) => checker.getPropertyOfType(checker.getNonNullableType(each), name)?.declarations ?? [],
  );

it("gives other names only to what is used between our modules", () => {
  const problems: string[] = [];
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    const where = () => `${node.getSourceFile().fileName}: ${node.getText().slice(0, 80)}`;
    // A name in quotes keeps its name.
    if (ts.isStringLiteral(node) && names.has(node.text)) problems.push(`in quotes, ${where()}`);
    const use = usedBy(node);
    if (use === undefined || !ts.isIdentifier(use.name) || !names.has(use.name.text)) return;
    const { text } = use.name;
    found.add(text);
    const declarations = use.type === undefined ? [] : declarationsOf(use.type, text);
    if (declarations.length === 0) problems.push(`no declared type, ${where()}`);
    for (const declaration of declarations) {
      const reason = reasonOf(declaration);
      if (reason !== undefined) problems.push(`${reason}, ${where()}`);
    }
  };
  for (const source of sources) visit(source);
  expect(problems).toEqual([]);
  expect([...names].filter((name) => !found.has(name))).toEqual([]);
});
