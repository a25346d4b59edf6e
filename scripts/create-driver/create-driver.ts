import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Names, namesOf } from './names.ts'
import { register } from './register.ts'

const template = join(import.meta.dirname, 'template')

/** Writes and registers a driver in the repository at `root`. For an invalid name it does nothing and returns the problem. */
export async function createDriver(name: string, root: string): Promise<string | undefined> {
  const names = namesOf(name)
  if (!names)
    return `${JSON.stringify(name)} is no name for a driver: small letters, digits and dashes, such as dynamo-db`
  if (existsSync(join(root, 'packages', 'drivers', name))) return `packages/drivers/${name} is there already`
  for (const file of await filesOf(template)) await copy(file, root, names)
  await register(names, root)
  return undefined
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
}

async function copy(file: string, root: string, names: Names): Promise<void> {
  const target = join(root, named(file, names))
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, named(await readFile(join(template, file), 'utf8'), names))
}

/** Renames the template's driver, new-store. */
function named(text: string, { kebab, camel, pascal, upper }: Names): string {
  return text
    .replaceAll('new-store', kebab)
    .replaceAll('newStore', camel)
    .replaceAll('NewStore', pascal)
    .replaceAll('NEW_STORE', upper)
}
