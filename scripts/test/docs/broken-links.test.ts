import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { brokenLinks } from '../../docs/broken-links.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dustpan-links-'))
  await mkdir(join(root, 'docs'))
  await writeFile(
    join(root, 'docs', 'guide.md'),
    '# The `track()` call\n\n## Again\n\n## Again\n\n```sh\n# not a heading\n```\n',
  )
})
afterAll(() => rm(root, { recursive: true }))

async function linksBroken(markdown: string): Promise<string[]> {
  await writeFile(join(root, 'README.md'), markdown)
  return brokenLinks(root, 'README.md')
}

test.for([
  'docs/guide.md',
  'docs/',
  'docs/guide.md#the-track-call',
  'docs/guide.md#again-1',
  '#here',
  'https://example.com/none',
])('accepts a link to %s', async (link) => {
  expect(await linksBroken(`# Here\n[text](${link})\n`)).toEqual([])
})

test.for(['docs/none.md', 'docs/guide.md#not-a-heading', 'docs/guide.md#again-2', '#there', '../outside.md'])(
  'reports a link to %s',
  async (link) => {
    expect(await linksBroken(`# Here\n[text](${link})\n`)).toEqual([`README.md: the link ${link} leads nowhere`])
    expect(await linksBroken(`# Here\n[text]: ${link}\n`)).toHaveLength(1)
  },
)

test('links in code are ignored', async () => {
  expect(await linksBroken('Write `[text](none.md)`.\n\n```md\n[text](none.md)\n```\n')).toEqual([])
})
