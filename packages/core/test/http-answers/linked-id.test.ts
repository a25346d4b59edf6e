/** Resources that are addressed by another field than `id`: GitLab numbers issues by `iid`, Gitea by `number`. */
import { expect, onTestFinished, test } from 'vitest'
import { linkReader } from '../../src/http-answers/linked-id.ts'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from '../http-capture/recording-sink.ts'

const issues = '/api/v4/projects/1/issues'

/** @param body may contain `{origin}` */
async function seen(path: string, body: unknown, sent: unknown = {}, rules: readonly HttpRule[] = []) {
  const sink = recordingSink()
  const messages: string[] = []
  sink.warn = (_code, _subject, message) => void messages.push(message)
  const answer = JSON.stringify(body)
  const api = await startApi((_request, response) =>
    json(response, 201, JSON.parse(answer.replaceAll('{origin}', api.origin))),
  )
  const capture = startHttpCapture(sink, [{ name: 'http', options: { rules } }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  return sink.run('a', async (scope) => {
    const text = sent instanceof URLSearchParams ? sent : JSON.stringify(sent)
    await (await fetch(api.origin + path, { method: 'POST', body: text })).text()
    return { keys: scope.sets.flatMap(({ keys }) => keys), messages }
  })
}

test.each<[string, string, unknown, unknown[]]>([
  ['its self link', issues, { id: 95, iid: 91, _links: { self: `https://gitlab.test${issues}/91` } }, [91]],
  ['its self link, in data', '/users', { data: { id: 7, slug: 'x', links: { self: '/users/x' } } }, ['x']],
  ['its url', '/repos/acme/issues', { id: 31, number: 61, url: '/repos/acme/issues/61' }, [61]],
  ['its url on the same host', '/issues', { id: 31, number: 61, url: '{origin}/issues/61' }, [61]],
  ['its url, in a field named after it', '/issues', { id: 31, issueNumber: 61, url: '/issues/61' }, [61]],
  ['its href', '/labels', { id: 208, name: 'bug', href: '/labels/bug/' }, ['bug']],
  ['the self link of each item of a list', '/notes', [{ id: 8, iid: 2, self: '/notes/2' }], [2]],
])('a resource is recorded with the id that ends %s', async (_, path, body, keys) => {
  expect(await seen(path, body)).toEqual({ keys, messages: [] })
})

test.each<[string, string, unknown, unknown?]>([
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
  [
    'has a url on another host',
    '/repos/acme/issues',
    { id: 31, number: 61, url: 'http://git.test/repos/acme/issues/61' },
  ],
  ['has such a url without that field', '/orders', { id: 95, url: 'https://shop.example.com/orders/12' }],
  [
    'has a url on another host behind a prefix',
    '/api/orders',
    { id: 95, number: 12, url: 'https://shop.test/orders/12' },
  ],
  ['has a url on another port', '/orders', { id: 95, number: 12, url: 'http://127.0.0.1:1/orders/12' }],
  ['has a url without a scheme', '/orders', { id: 95, number: 12, url: '//shop.example.com/orders/12' }],
  ['links to its role', '/users', { id: 5, role: 'admin', url: '/users/admin' }],
  ['links to its parent', '/comments', { id: 95, parent_id: 12, url: '/comments/12' }],
  ['has its parent as its self link', '/comments', { id: 95, parent_id: 12, self: '/comments/12' }],
  ['links to a name that was sent', '/labels', { id: 208, name: 'bug', href: '/labels/bug' }, { name: 'bug' }],
  [
    'links to a number that was sent',
    '/orders',
    { id: 95, number: 12, url: '/orders/12' },
    { copies: [{ of: '/v1/orders/12' }] },
  ],
  [
    'links to a name that a form contained',
    '/labels',
    { id: 208, name: 'bug', href: '/labels/bug' },
    new URLSearchParams({ name: 'bug' }),
  ],
])('a resource that %s is not recorded, with DUSTPAN_NO_ID', async (_, path, body, sent) => {
  const { keys, messages } = await seen(path, body, sent)
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
  ['the url of a place in its parent’s page', { id: 7, parent_id: 12, url: '/notes/12#note-7' }],
  ['the url of a page that highlights it', { id: 7, number: 12, url: '/notes/12?highlight=7' }],
  ['the url of its own id on another host', { id: 7, number: 12, url: 'https://www.shop.test/notes/7' }],
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
  ['vouches for an id beside a link to the parent', { create }, { id: 95, parent: 'x', url: `${issues}/x` }, [95]],
  [
    'does not guess between an id and the url of another host',
    { create },
    { id: 95, no: 9, url: `//x.test${issues}/9` },
    [],
  ],
  ['with id decides itself', { create, id: 'body.id' }, gitlab, [95]],
  ['that removes from another path uses the id', { create, remove: 'DELETE /all/issues/{id}' }, gitlab, [95]],
])('a rule %s', async (_, rule, body, keys) => {
  expect((await seen(issues, body, {}, [rule])).keys).toEqual(keys)
})

test('the warning under a rule without id names the field in which the link ends', async () => {
  const body = { id: 95, number: 12, url: 'https://shop.example.com/orders/12' }
  const { messages } = await seen('/orders', body, {}, [{ create: 'POST /orders' }])
  expect(messages).toEqual([
    'POST /orders was answered 201, but its path may end in its number rather than its id: it is not tracked. ' +
      "Its rule has to say what was created, for example id: 'body.number'.",
  ])
})

test('what was sent is read once for all items of an answer, and only if one of them has a url', () => {
  let reads = 0
  const answer = {
    ...{ header: () => undefined, location: undefined, body: undefined },
    get sent() {
      reads++
      return {}
    },
  }
  const read = linkReader({ method: 'POST', path: '/notes', matched: undefined }, answer)
  expect(read(7, { id: 7 })).toEqual({ ids: [7] })
  expect(reads).toBe(0)
  expect([8, 9].map((id) => read(id, { id, slug: `n${id}`, url: `/notes/n${id}` }))).toEqual([
    { ids: ['n8'] },
    { ids: ['n9'] },
  ])
  expect(reads).toBe(1)
})
