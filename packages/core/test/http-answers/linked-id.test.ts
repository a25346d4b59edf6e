/** Resources that are addressed by another field than `id`: GitLab numbers issues by `iid`, Gitea by `number`. */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from '../http-capture/recording-sink.ts'

const issues = '/api/v4/projects/1/issues'

async function seen(path: string, body: unknown, sent: unknown = {}, rules: readonly HttpRule[] = []) {
  const sink = recordingSink()
  const messages: string[] = []
  sink.warn = (_code, _subject, message) => void messages.push(message)
  const api = await startApi((_request, response) => json(response, 201, body))
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  return sink.run('a', async (scope) => {
    await (await fetch(api.origin + path, { method: 'POST', body: JSON.stringify(sent) })).text()
    return { keys: scope.sets.flatMap(({ keys }) => keys), messages }
  })
}

test.each<[string, string, unknown, unknown[]]>([
  ['its self link', issues, { id: 95, iid: 91, _links: { self: `https://gitlab.test${issues}/91` } }, [91]],
  ['its self link, in data', '/users', { data: { id: 7, slug: 'x', links: { self: '/users/x' } } }, ['x']],
  [
    'its url',
    '/repos/acme/shop/issues',
    { id: 31, number: 61, url: 'http://git.test/repos/acme/shop/issues/61' },
    [61],
  ],
  ['its href', '/labels', { id: 208, name: 'bug', href: '/labels/bug/' }, ['bug']],
  ['the self link of each item of a list', '/notes', [{ id: 8, iid: 2, self: '/notes/2' }], [2]],
])('a resource is recorded with the id that ends %s', async (_, path, body, keys) => {
  expect(await seen(path, body)).toEqual({ keys, messages: [] })
})

test.each<[string, string, unknown]>([
  ['has an iid beside its id, and no link', '/projects/1/merge_requests', { id: 95, iid: 91 }],
  ['links to an id that it does not have', '/issues', { id: 95, url: '/issues/91' }],
  [
    'links by another field to the same collection behind a prefix',
    '/gl/issues',
    { id: 95, no: 91, self: '/issues/91' },
  ],
  ['has such a url', '/gitea/v1/repos/acme/issues', { id: 31, number: 61, url: '/v1/repos/acme/issues/61' }],
  ['links to a part of another id', '/issues', { id: 31, number: 61, url: '/issues/61/view' }],
  ['is an item of a list, and has an iid', '/issues', [{ id: 95, iid: 91 }]],
])('a resource that %s is not recorded, with DUSTPAN_NO_ID', async (_, path, body) => {
  const { keys, messages } = await seen(path, body)
  expect(keys).toEqual([])
  expect(messages).toHaveLength(1)
})

test.each<[string, unknown, unknown?]>([
  ['an iid equal to its id', { id: 7, iid: 7 }],
  ['an iid, and a self link with its id', { id: 7, iid: 2, self: '/notes/7' }],
  ['the url of its own id, and an href of its name', { id: 7, name: 'x', url: '/notes/7', href: '/notes/x' }],
  ['the url of a page elsewhere', { id: 7, slug: 'x', url: 'https://www.shop.test/app/notes/x' }],
  ['the url of its file', { id: 7, url: '/notes/7f3c.png' }],
  ['a url that was sent', { id: 7, url: 'http://blog.test/notes/3' }, { url: 'http://blog.test/notes/3' }],
  ['a url below it', { id: 7, url: '/notes/7/comments' }],
])('a resource with %s is recorded with its id', async (_, body, sent) => {
  expect(await seen('/notes', body, sent)).toEqual({ keys: [7], messages: [] })
})

test('the warning for a resource with an iid names the place of its id', async () => {
  const { messages } = await seen('/projects/1/merge_requests', { id: 95, iid: 91 })
  expect(messages).toEqual([
    'POST /projects/{id}/merge_requests was answered 201, but its path may end in its iid rather than its id: it is not tracked. ' +
      "Add a rule that says what was created: { create: 'POST /projects/*/merge_requests', id: 'body.iid' }.",
  ])
})

const gitlab = { id: 95, iid: 91, _links: { self: `${issues}/91` } }
const create = 'POST /api/v4/projects/{project}/issues'

test.each<[string, HttpRule, unknown, unknown[]]>([
  ['without id and remove uses the link', { create }, gitlab, [91]],
  [
    'that removes from the same path uses the link',
    { create, remove: `${create.replace('POST', 'DELETE')}/{id}` },
    gitlab,
    [91],
  ],
  ['uses the link of wrapped resources', { create }, { data: [gitlab] }, [91]],
  ['does not guess between an iid and an id', { create }, { id: 95, iid: 91 }, []],
  ['vouches for an id that a link does not have', { create }, { id: 95, url: `${issues}/x` }, [95]],
  ['with id decides itself', { create, id: 'body.id' }, gitlab, [95]],
  ['that removes from another path uses the id', { create, remove: 'DELETE /all/issues/{id}' }, gitlab, [95]],
])('a rule %s', async (_, rule, body, keys) => {
  expect((await seen(issues, body, {}, [rule])).keys).toEqual(keys)
})
