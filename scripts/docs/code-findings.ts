/** The differences between registered error codes, the sections of docs/errors.md and the codes named in tests. */
export function codeFindings(registered: string[], errorsDocument: string, tests: string[]): string[] {
  const sections = [...errorsDocument.matchAll(/^#+ .*?(DUSTPAN_\w+)/gm)].map(([, code = '']) => code)
  const tested = new Set(tests.flatMap((text) => text.match(/DUSTPAN_\w+/g) ?? []))
  return [
    ...missing(registered, new Set(sections)).map((code) => `docs/errors.md has no section for ${code}`),
    ...missing(sections, new Set(registered)).map(
      (code) => `docs/errors.md has a section for ${code}, which is not a code`,
    ),
    ...repeated(sections).map((code) => `docs/errors.md has more than one section for ${code}`),
    ...missing(registered, tested).map((code) => `no test names ${code}`),
  ]
}

function missing(codes: string[], found: Set<string>): string[] {
  return codes.filter((code) => !found.has(code))
}

function repeated(codes: string[]): string[] {
  return codes.filter((code, index) => codes.indexOf(code) !== index)
}
