import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Names } from './names.ts'

/** Adds a driver to the conformance subjects, the workspace's own dependencies (for its docs) and the tarballs' budgets. */
export async function register({ kebab, camel }: Names, root: string): Promise<void> {
  await change(join(root, 'packages/conformance/test/drivers/index.ts'), (text) =>
    text
      .replace(/\n\nexport /, `\nimport { ${camel} } from './${kebab}.ts'\n\nexport `)
      .replace(/,?\s*\]\s*$/, `, ${camel}]\n`),
  )
  await change(join(root, 'package.json'), (text) =>
    text.replace(/("devDependencies": \{\n)/, `$1    "@dustpan/${kebab}": "workspace:*",\n`),
  )
  await change(join(root, 'scripts/checks/tarball-sizes.ts'), (text) =>
    text.replace(/(budgets[^{]*\{\n)/, `$1  '@dustpan/${kebab}': 30_000,\n`),
  )
}

async function change(file: string, edit: (text: string) => string): Promise<void> {
  const before = await readFile(file, 'utf8')
  const after = edit(before)
  if (after === before) throw new Error(`The driver could not be registered in ${file}: it is not as it was`)
  await writeFile(file, after)
}
