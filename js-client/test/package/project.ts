// A project of somebody else, with the packed client installed and nothing else.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const client = fileURLToPath(new URL("../..", import.meta.url));

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

export class Project {
  /** The paths of the files in the tarball. */
  files: readonly string[] = [];

  private constructor(readonly root: string) {}

  static async create(): Promise<Project> {
    // Outside of this repository, so that nothing of its node_modules is found.
    const project = new Project(await realpath(await mkdtemp(join(tmpdir(), "longspan-package-"))));
    const { root } = project;
    await project.write("package.json", JSON.stringify({ name: "app", private: true }));
    const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", root];
    const { stdout } = await run("npm", pack, { cwd: client });
    const [packed] = JSON.parse(stdout) as Packed[];
    if (packed === undefined) throw new Error(stdout);
    project.files = packed.files.map(({ path }) => path).sort();
    const install = ["install", "--offline", "--no-audit", "--no-fund", `./${packed.filename}`];
    await run("npm", install, { cwd: root });
    return project;
  }

  path(name: string): string {
    return join(this.root, name);
  }

  async write(name: string, text: string): Promise<string> {
    const file = this.path(name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }

  /** Adds a package that this repository has. */
  async add(name: string): Promise<void> {
    await cp(join(client, "node_modules", name), this.path(`node_modules/${name}`), {
      recursive: true,
    });
  }

  /** Installs packages from the registry. */
  async install(...packages: string[]): Promise<void> {
    const install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...packages];
    await run("npm", install, { cwd: this.root });
  }

  /** Runs Node.js here. @returns what it printed */
  async node(...args: string[]): Promise<string> {
    // Next.js does not build with the NODE_ENV of Vitest.
    const env = { ...process.env, NODE_ENV: undefined };
    const { stdout } = await run(process.execPath, args, { cwd: this.root, env }).catch(
      (error: unknown) => {
        const { stdout: out = "", stderr = "" } = error as { stdout?: string; stderr?: string };
        throw new Error(`${args.join(" ")}\n${out}${stderr}`);
      },
    );
    return stdout;
  }

  tsc(options: readonly string[], ...files: string[]): Promise<string> {
    return this.node(
      join(client, "node_modules/typescript/bin/tsc"),
      ...["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom"],
      ...options,
      ...files,
    );
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}
