// `let`, `const` and `class` at the top of a cell become `var`, so that a cell can be run twice.
const lectern = { fs: require("fs"), vm: require("vm"), util: require("util"), mark: process.env.LECTERN_MARK };
delete process.env.LECTERN_MARK;
global.require = require;

lectern.readLine = () => {
  const bytes = [], one = Buffer.alloc(1);
  while (lectern.fs.readSync(0, one) === 1 && one[0] !== 10) bytes.push(one[0]);
  return Buffer.from(bytes).toString();
};
lectern.interrupted = () => new Promise((_, refuse) => process.once("SIGINT", () => refuse(new Error("interrupted"))));
lectern.run = async (path) => {
  const code = lectern.fs.readFileSync(path, "utf8")
    .replace(/^(?:let|const)(?=\s)/gm, "var").replace(/^class\s+(\w+)/gm, "var $1 = class $1");
  let value = lectern.vm.runInThisContext(code, { filename: "cell", breakOnSigint: true });
  if (value instanceof Promise) value = await Promise.race([value, lectern.interrupted()]);
  process.removeAllListeners("SIGINT");
  if (value !== undefined) console.log(lectern.util.inspect(value));
};
lectern.loop = async () => {
  for (;;) {
    lectern.fs.writeSync(1, `${lectern.mark}ready\n`);
    const path = lectern.readLine();
    if (!path) break;
    try {
      await lectern.run(path);
    } catch (problem) {
      const trace = String(problem?.stack).split("\n").filter((line) => /^ +at cell/.test(line));
      lectern.fs.writeSync(1, [`${lectern.mark}error`, problem?.name ?? "Error", problem?.message ?? problem, ...trace, ""].join("\n"));
    }
  }
};
process.stdout._handle?.setBlocking?.(true);
process.stderr._handle?.setBlocking?.(true);
lectern.loop();
