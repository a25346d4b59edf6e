/** Runs the workflows of docs/ci.md step by step, against the shop. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { type StartedShop, startShop } from '../../examples/shop/src/shop.ts'
import { databases, type StartedDatabase } from '../../examples/shop/test/databases.ts'
import { readBlocks } from '../snippets/block.ts'
import { runGithubWorkflow, type Workflow } from '../workflows/github.ts'
import { type Pipeline, runGitlabPipeline } from '../workflows/gitlab.ts'
import type { BuildOutcome } from '../workflows/outcome.ts'
import { root } from '../workspace.ts'

const page = readBlocks('docs/ci.md', readFileSync(join(root, 'docs/ci.md'), 'utf8'))
const files = Object.fromEntries(page.flatMap(({ attributes: { title }, text }) => (title ? [[title, text]] : [])))
const workflow = (): Workflow => parse(files['.github/workflows/test.yml'] ?? '')
const pipeline = (): Pipeline => parse(files['.gitlab-ci.yml'] ?? '')

let database: StartedDatabase
let shop: StartedShop
const adminPassword = 'sweep-the-shop'
beforeAll(async () => {
  database = await (databases.find(({ name }) => name === 'PostgreSQL') as (typeof databases)[number]).start()
  shop = await startShop({ database: database.location, uploads: database.uploads, port: 0, adminPassword })
})
afterAll(async () => {
  await shop.close()
  await database[Symbol.asyncDispose]()
})

/** The names of all categories and products in the shop. */
async function catalogue(): Promise<readonly string[]> {
  const lists = await Promise.all(['categories', 'products'].map((path) => fetch(`${shop.url}/${path}`)))
  const rows = (await Promise.all(lists.map((list) => list.json()))) as { name: string }[][]
  return rows.flat().map(({ name }) => name)
}

type Run = (given: {
  files?: object
  environment?: string
  change?: (jobs: Workflow['jobs']) => object
}) => Promise<BuildOutcome>

let builds = 900
const variables = (environment: string) => ({ SHOP_URL: shop.url, DUSTPAN_ENVIRONMENT: environment })

const platforms: Readonly<Record<string, Run>> = {
  'GitHub Actions': ({ files: more, environment = 'staging', change = (jobs) => jobs }) => {
    const { jobs, ...others } = workflow()
    const given = {
      vars: variables(environment),
      secrets: { SHOP_ADMIN_PASSWORD: adminPassword },
      runId: `${++builds}`,
    }
    const changed = { ...others, jobs: change(jobs) } as Workflow
    return runGithubWorkflow(changed, { '*': files, ...more }, artifacts(), given)
  },
  'GitLab CI': ({ files: more, environment = 'staging' }) => {
    const own = { ...variables(environment), SHOP_ADMIN_PASSWORD: adminPassword, CI_PIPELINE_ID: `${++builds}` }
    return runGitlabPipeline(pipeline(), { '*': files, ...more }, artifacts(), own)
  },
}

function artifacts(): string {
  const folder = mkdtempSync(join(tmpdir(), 'artifacts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

const results = (outcome: BuildOutcome) =>
  Object.fromEntries(Object.entries(outcome).map(([job, { result }]) => [job, result]))
const outputOf = (outcome: BuildOutcome) =>
  Object.values(outcome)
    .map((job) => job.output)
    .join('\n')
const all = { prepare: 'success', test: 'success', clean: 'success' }

const failing = `${files['test/products.test.ts']}
test('fails, and leaves a product', async () => {
  await ask('POST /products', { name: 'Left ' + process.pid, category_id: Number(CATEGORY_ID), price_cents: 1 }, await logInAsAdmin())
  expect(1).toBe(2)
})
`
const halfway = (files['test-data.ts'] ?? '').replace('return {', "throw new Error('half-way')\n  return {")

test.for(Object.entries(platforms))(
  '%s: prepared resources exist during the tests, and are removed afterwards',
  async ([, run]) => {
    const before = await catalogue()
    const outcome = await run({})
    expect(results(outcome), outputOf(outcome)).toEqual(all)
    expect(outcome.test?.output.match(/Tests +1 passed/g), outputOf(outcome)).toHaveLength(2)
    expect(outcome.clean?.output).toContain('2 of 2 resources removed')
    expect(await catalogue()).toEqual(before)
  },
)

test.for(Object.entries(platforms))('%s: resources of a failed test are removed as well', async ([, run]) => {
  const before = await catalogue()
  const outcome = await run({ files: { test: { ...files, 'test/products.test.ts': failing } } })
  expect(results(outcome), outputOf(outcome)).toEqual({ ...all, test: 'failure' })
  expect(outcome.clean?.output).toContain('3 of 3 resources removed')
  expect(await catalogue(), outputOf(outcome)).toEqual(before)
})

test.for(Object.entries(platforms))(
  '%s: when prepare fails, its resources are removed and clean has nothing to do',
  async ([, run]) => {
    const before = await catalogue()
    const outcome = await run({ files: { prepare: { ...files, 'test-data.ts': halfway } } })
    expect(results(outcome), outputOf(outcome)).toEqual({ prepare: 'failure', test: 'skipped', clean: 'success' })
    expect(outcome.prepare?.output).toContain('half-way')
    expect(outcome.clean?.output).toContain('Nothing to clean up')
    expect(await catalogue()).toEqual(before)
  },
)

test.for(Object.entries(platforms))(
  '%s: in production nothing is created or removed, and every job succeeds',
  async ([, run]) => {
    const before = await catalogue()
    const outcome = await run({ environment: 'production' })
    expect(results(outcome), outputOf(outcome)).toEqual(all)
    expect(outcome.prepare?.output).toContain('shadow mode, because the environment is production')
    expect(outcome.test?.output).toMatch(/1 skipped/)
    expect(outcome.clean?.output).toContain('Nothing to clean up')
    expect(await catalogue()).toEqual(before)
  },
)

test('when prepare is skipped, clean succeeds with nothing to do', async () => {
  const change = ({ prepare, ...jobs }: Workflow['jobs']) => ({ prepare: { ...prepare, if: 'false' }, ...jobs })
  const outcome = await (platforms['GitHub Actions'] as Run)({ change })
  expect(results(outcome), outputOf(outcome)).toEqual({ prepare: 'skipped', test: 'skipped', clean: 'success' })
  expect(outcome.clean?.output).toContain('Nothing to clean up')
})
