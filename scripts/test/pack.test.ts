import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { packAll } from '../pack.ts'
import { inspectTarball } from '../tarball.ts'
import { type Manifest, publishablePackages } from '../workspace.ts'

test('every publishable package is packed, and concurrent calls share the result', async () => {
  const [first, second] = await Promise.all([packAll(), packAll()])
  expect([...first.keys()]).toEqual(publishablePackages().map(({ name }) => name))
  expect(second).toEqual(first)
})

const source: Manifest = {
  name: 'a',
  version: '1.0.0',
  exports: { '.': './src/index.ts' },
  publishConfig: { exports: { '.': './dist/index.js' } },
}

test('a tarball that matches publishConfig has no problems', async () => {
  const tarball = await tarballOf({ ...source, exports: { '.': './dist/index.js' } }, ['dist/index.js'])
  expect(await inspectTarball(tarball, source)).toEqual([])
})

test('workspace versions, development exports, missing files and source files are problems', async () => {
  const dependencies = { b: 'workspace:*', c: 'catalog:', d: '^1.0.0' }
  const tarball = await tarballOf({ ...source, dependencies, bin: { a: './dist/bin.js' } }, ['src/index.ts'])
  expect(await inspectTarball(tarball, source)).toEqual([
    'the dependency b still says workspace:*',
    'the dependency c still says catalog:',
    '"exports" is not what publishConfig.exports says',
    '"bin" is not what publishConfig.bin says',
    './dist/bin.js is exported, but not in the tarball',
    'src/index.ts is a source and was packed',
  ])
})

test('types named only in `exports` are a problem, because older module resolution ignores it', async () => {
  const target = (name: string) => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` })
  const exports = { '.': target('a'), './b': target('b') }
  const files = ['a.js', 'a.d.ts', 'b.js', 'b.d.ts'].map((name) => `dist/${name}`)
  const found = async (rest: object) => {
    const manifest = { ...source, exports, ...rest } as unknown as Manifest
    return inspectTarball(await tarballOf(manifest, files), { ...source, publishConfig: { exports } })
  }
  expect(await found({})).toEqual([
    '"." has types that "types" and "typesVersions" do not name',
    '"./b" has types that "types" and "typesVersions" do not name',
  ])
  expect(await found({ types: './dist/a.d.ts', typesVersions: { '*': { b: ['./dist/b.d.ts'] } } })).toEqual([])
})

async function tarballOf(manifest: Manifest, files: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-tarball-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const name of ['dist', 'src']) await mkdir(join(folder, 'package', name), { recursive: true })
  await writeFile(join(folder, 'package', 'package.json'), JSON.stringify(manifest))
  for (const file of files) await writeFile(join(folder, 'package', file), '')
  const names = ['package.json', ...files].map((file) => `package/${file}`)
  await execa('tar', ['-czf', 'a.tgz', ...names], { cwd: folder })
  return join(folder, 'a.tgz')
}
