const imports = /^import\s(?:[^'"]*?\sfrom\s+)?['"][^'"]+['"];?$/gm

/** A block with tests is used as a test file; any other becomes the body of one test. */
export function testFile(text: string): string {
  if (/^\s*(test|it|describe)\b[.(]/m.test(text)) return text
  const head = (text.match(imports) ?? []).join('\n')
  return `${head}\n\ntest('the snippet', async () => {\n${text.replace(imports, '').trim()}\n})\n`
}
