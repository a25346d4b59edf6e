import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root, workspacePackages } from '../workspace.ts'

/** The files of every driver (docs/writing-a-driver.md). */
const files = [
  'README.md',
  'package.json',
  'tsconfig.json',
  'src/index.ts',
  'src/driver.ts',
  'src/capabilities.ts',
  'src/options.ts',
  'src/identity.ts',
  'src/capture.ts',
  'src/capture/instrument.ts',
  'src/removal/connection.ts',
  'src/removal/remove.ts',
  'src/removal/spec.ts',
  'src/removal/describe.ts',
  'test',
]

/** driver.ts only combines the parts. */
const maxLines = 120

/** Checks that every driver has the same files, and runs the conformance suite. */
export async function driverShape(): Promise<string[]> {
  const folders = workspacePackages().map(({ folder }) => folder)
  return folders.filter((folder) => folder.startsWith('packages/drivers/')).flatMap((folder) => findings(root, folder))
}

export function findings(root: string, folder: string): string[] {
  const name = basename(folder)
  const missing = files.filter((file) => !existsSync(join(root, folder, file)))
  const subject = `packages/conformance/test/drivers/${name}.test.ts`
  return [
    ...missing.map((file) => `${folder}/${file} is missing: every driver has one`),
    ...(existsSync(join(root, subject))
      ? []
      : [`${subject} is missing: every driver answers to the conformance suite`]),
    ...tooLong(root, `${folder}/src/driver.ts`),
    ...exportsOf(root, folder, name),
  ]
}

function tooLong(root: string, file: string): string[] {
  const lines = read(root, file).split('\n').length - 1
  return lines > maxLines ? [`${file} has ${lines} lines; more than ${maxLines} belong into files of their own`] : []
}

function exportsOf(root: string, folder: string, name: string): string[] {
  const index = read(root, `${folder}/src/index.ts`)
  const config = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  return ['capture', 'createDriver', config]
    .filter((wanted) => !new RegExp(`\\b${wanted}\\b[^'"]*\\} from `).test(index))
    .map((wanted) => `${folder}/src/index.ts does not export ${wanted}`)
}

const read = (root: string, file: string): string =>
  existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : ''
