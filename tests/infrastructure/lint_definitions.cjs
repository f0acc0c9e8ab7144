// Both linters over all definitions, once: prints {file: [problem, …]} as JSON.
// asl-validator finds bad JSONata, amazon-states-language-service dangling and unreachable states.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const validate = require("asl-validator");
const service = require("amazon-states-language-service");

async function problems(text) {
  const found = validate(JSON.parse(text)).errors.map((error) => `asl-validator: ${error.Message ?? error.message}`);
  const document = service.TextDocument.create("file:///definition.asl.json", "asl", 1, text);
  const language = service.getLanguageService({});
  const diagnostics = await language.doValidation(document, language.parseJSONDocument(document), {});
  return found.concat(
    diagnostics.map((one) => `amazon-states-language-service: line ${one.range.start.line + 1}: ${one.message}`),
  );
}

async function main(files) {
  const report = {};
  for (const file of files) report[path.basename(file)] = await problems(fs.readFileSync(file, "utf8"));
  process.stdout.write(JSON.stringify(report));
}

main(process.argv.slice(2));
