/** Cases: responses from mocks are not tracked. */
import type { Case } from '../case.ts'

/** On this machine, so it would be tracked; nothing listens there, and no pool has a connection to it. */
const pretended = `const pretended = 'http://localhost:4999/users'`

export const mocks: readonly Case[] = [
  {
    name: 'fetch mocked by msw',
    files: {
      msw: `
${pretended}
let server
beforeAll(async () => {
  const { http, HttpResponse } = await import('msw')
  const { setupServer } = await import('msw/node')
  server = setupServer(http.post(pretended, () => HttpResponse.json({ id: 7 }, { status: 201 })))
  server.listen({ onUnhandledRequest: 'bypass' })
})
afterAll(() => server.close())
test('creates one and pretends another', {}, async () => {
  await create('users')
  assert.equal((await (await fetch(pretended, { method: 'POST' })).json()).id, 7)
})`,
    },
    expected: { ledger: ['creates one and pretends another (passed): user removed'] },
  },
  {
    name: 'fetch mocked by nock',
    files: {
      nock: `
${pretended}
let nock
beforeAll(async () => { nock = (await import('nock')).default })
afterAll(() => nock.restore())
test('creates one and pretends another', {}, async () => {
  nock('http://localhost:4999').post('/users').reply(201, { id: 7 })
  await create('users')
  assert.equal((await (await fetch(pretended, { method: 'POST' })).json()).id, 7)
})`,
    },
    expected: { ledger: ['creates one and pretends another (passed): user removed'] },
  },
  {
    name: 'mocked modules',
    files: {
      'mocked-modules': `
test('creates one and pretends another', {}, async () => {
  mockModule('./service.js', { createTeam: async () => ({ id: 7 }) })
  const { createTeam } = await import('./service.js')
  await create('users')
  assert.equal((await createTeam()).id, 7)
})`,
    },
    modules: {
      'service.js': `export const createTeam = () => fetch(process.env.API + '/mocked-modules/teams', { method: 'POST' })`,
    },
    expected: { ledger: ['creates one and pretends another (passed): user removed'] },
  },
]
