// Names each test that failed, and sums the JUnit reports in target/*-reports into one line.
// Ends with status 1 if there is no report, or if one reports a failure.
import { existsSync, readdirSync, readFileSync } from "node:fs";

const numbers = { tests: 0, failures: 0, errors: 0, skipped: 0 };
const failed = [];
const attribute = (tag, name) => tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? "";
const folders = existsSync("target") ? readdirSync("target").filter((name) => name.endsWith("-reports")) : [];
for (const folder of folders.sort()) {
  let here = 0;
  for (const file of readdirSync(`target/${folder}`).filter((name) => name.endsWith(".xml"))) {
    const report = readFileSync(`target/${folder}/${file}`, "utf8");
    for (const [, test, outcome, text] of report.matchAll(
      /<testcase(\s[^>]*[^/])>\s*<(failure|error)\b([^]*?)<\/\2>/g,
    )) {
      failed.push(`${outcome}: ${attribute(test, "classname")} ${attribute(test, "name")}\n${text.slice(0, 1500)}`);
    }
    for (const [suite] of report.matchAll(/<testsuite\s[^>]*>/g)) {
      const count = (name) => Number(attribute(suite, name));
      Object.keys(numbers).forEach((name) => (numbers[name] += count(name)));
      here += count("tests");
    }
  }
  console.log(`target/${folder}: ${here} tests`);
}
failed.forEach((test) => console.log(test));
const { tests, failures, errors, skipped } = numbers;
console.log(`Tests run: ${tests}, Failures: ${failures}, Errors: ${errors}, Skipped: ${skipped}`);
process.exitCode = tests === 0 || failures + errors > 0 ? 1 : 0;
