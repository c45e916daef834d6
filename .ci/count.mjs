// Sums the JUnit reports that the build leaves in target/*-reports into one line.
// Ends with status 1 where there is none, or where one tells of a failure.
import { existsSync, readdirSync, readFileSync } from "node:fs";

const numbers = { tests: 0, failures: 0, errors: 0, skipped: 0 };
const folders = existsSync("target") ? readdirSync("target").filter((name) => name.endsWith("-reports")) : [];
for (const folder of folders.sort()) {
  let here = 0;
  for (const file of readdirSync(`target/${folder}`).filter((name) => name.endsWith(".xml"))) {
    for (const [suite] of readFileSync(`target/${folder}/${file}`, "utf8").matchAll(/<testsuite\s[^>]*>/g)) {
      const count = (name) => Number(suite.match(new RegExp(`\\s${name}="(\\d+)"`))?.[1] ?? 0);
      Object.keys(numbers).forEach((name) => (numbers[name] += count(name)));
      here += count("tests");
    }
  }
  console.log(`target/${folder}: ${here} tests`);
}
const { tests, failures, errors, skipped } = numbers;
console.log(`Tests run: ${tests}, Failures: ${failures}, Errors: ${errors}, Skipped: ${skipped}`);
process.exitCode = tests === 0 || failures + errors > 0 ? 1 : 0;
