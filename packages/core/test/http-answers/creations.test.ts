import { describe, expect, test } from 'vitest'
import { type Created, creationsIn } from '../../src/http-answers/creations.ts'
import type { RequestTemplate } from '../../src/http-rules/request-template.ts'
import { compileRules, findRule } from '../../src/http-rules/rules.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import type { Json } from '../../src/resource/resource.ts'

interface Seen {
  readonly body?: Json
  readonly location?: string
  readonly sent?: Json
  readonly rule?: Omit<HttpRule, 'create'>
}

function created(line: string, { body, location, sent, rule }: Seen): Created {
  const [method = '', target = ''] = line.split(' ')
  const slash = target.length > 1 && target.endsWith('/') ? '/' : ''
  const path = target.replace(/(?<=.)\/$/, '')
  const rules = rule ? compileRules([{ ...rule, create: `${method} ${path}` }], 'rules') : []
  const matched = findRule(rules, method, path)
  return creationsIn({ method, path, slash, matched }, { header: () => undefined, location, body, sent })
}

const keys = (line: string, seen: Seen) => created(line, seen).sets.flatMap((set) => set.keys)

/** For example `DELETE /users/7`. */
const removals = (line: string, seen: Seen) =>
  created(line, seen).sets.flatMap(({ keys: found, steps: [step] }) => {
    const { method, url } = (step as unknown as { args: RequestTemplate }).args
    return found.map((key) => `${method} ${url.replace('{id}', String(key))}`)
  })

describe('without a rule', () => {
  test.each<[string, Json, string | undefined, Json[]]>([
    ['its own id', { id: 7, customer: { id: 3 } }, undefined, [7]],
    ['its own id, also the last part of Location', { id: 7, customer: { id: 3 } }, '/orders/7', [7]],
    ['its own id, followed by more in Location', { id: 7 }, '/orders/7/receipt', [7]],
    ['its own id, with the list as Location', { id: 7 }, '/orders', [7]],
    ['the last part of Location, a field of the body beside its id', { id: 7, slug: 'a b' }, '/orders/a%20b', ['a b']],
    ['Location alone', { customer: { id: 3 }, total: 10 }, '/orders/77', ['77']],
    ['the resource wrapped in data', { data: { id: 5 }, success: true, meta: {} }, undefined, [5]],
    ['the resource wrapped in data, beside a code', { code: 0, msg: 'ok', data: { id: 5 } }, undefined, [5]],
    ['the resource wrapped under its own name', { order: { id: 5 }, customer: { id: 3 } }, undefined, [5]],
  ])('the id of a creation is %s', (_, body, location, expected) => {
    expect(keys('POST /orders', { body, ...(location === undefined ? {} : { location }) })).toEqual(expected)
  })

  test.each<[string, string, Seen, string]>([
    ['only another resource has an id', 'POST /orders', { body: { customer: { id: 3 } } }, 'no id'],
    ['only its parts have ids', 'POST /orders', { body: { lines: [{ id: 1 }] } }, 'no id'],
    ['its parts are called items', 'POST /orders', { body: { number: 'A', items: [{ id: 9 }, { id: 11 }] } }, 'no id'],
    ['data is one of its fields', 'POST /orders', { body: { number: 'A', data: { id: 9 } } }, 'no id'],
    ['Location leads to a page', 'POST /orders', { body: {}, location: '/home' }, 'is not under that path'],
    ['Location is under another path', 'POST /payments', { location: '/orders/9' }, 'is not under that path'],
    [
      'an existing resource is put into another collection',
      'POST /shops/3/products',
      { body: { productId: 9 }, location: '/products/9', sent: { productId: 9 } },
      'is not under that path',
    ],
    [
      'the path is nested and Location is not',
      'POST /users/1/orders',
      { body: { id: 7 }, location: '/orders/7' },
      'is not under that path',
    ],
    [
      'Location is in another collection',
      'POST /signup',
      { body: { id: 7 }, location: '/users/7' },
      'is not under that path',
    ],
    ['Location goes on to a part', 'POST /orders', { location: '/orders/9/payment' }, 'no id'],
    ['Location has another id', 'POST /orders', { body: { id: 7 }, location: '/orders/9' }, 'is not in its body'],
    ['Location is the parent', 'POST /users/7/avatar', { location: '/users/7' }, 'no id'],
    ['Location is the request’s own path', 'POST /documents/7', { location: '/documents/7' }, 'no id'],
    [
      'the response describes the request’s own path',
      'POST /documents/7',
      { body: { id: 7 }, location: '/documents/7' },
      'also occurs in that path',
    ],
    [
      'the response describes the container',
      'POST /carts/3/items',
      { body: { id: 3, total: 5 } },
      'also occurs in that path',
    ],
    [
      'the response wraps the container',
      'POST /carts/3/items',
      { body: { data: { id: '3' } } },
      'also occurs in that path',
    ],
    [
      'the response lists the whole container',
      'POST /carts/3/items',
      { body: { items: [{ id: 1 }, { id: 2 }] }, sent: {} },
      'differ in length',
    ],
    [
      'one item was sent and several came back',
      'POST /orders',
      { body: [{ id: 1 }, { id: 2 }], sent: {} },
      'differ in length',
    ],
  ])('nothing is tracked when %s', (_, line, seen, why) => {
    const { sets, doubt } = created(line, seen)
    expect(sets).toEqual([])
    expect(doubt?.why).toContain(why)
  })

  test.each<[string, string, Seen, string]>([
    ['with an id', 'POST /api/v1/orders', { body: { id: 7 }, location: '/orders/7' }, 'DELETE /api/v1/orders/7'],
    ['by Location alone', 'POST /api/orders', { location: '/v2/orders/7/' }, 'DELETE /api/orders/7'],
  ])('a Location without the prefix that a proxy strips is accepted: %s', (_, line, seen, removal) => {
    expect(removals(line, seen)).toEqual([removal])
  })

  test('an id equal to its container’s is accepted if the response names the container or Location has it', () => {
    for (const names of [{ cart_id: 3 }, { cartId: '3' }, { cart: 3 }, { cart: { id: 3 } }])
      expect(keys('POST /carts/3/items', { body: { id: 3, ...names } })).toEqual([3])
    expect(keys('POST /carts/3/items', { body: { id: 3 }, location: '/carts/3/items/3' })).toEqual([3])
  })

  test('the ids of a list are accepted if as many items were sent', () => {
    const two = [{ id: 1 }, { id: 2 }]
    expect(keys('POST /orders/bulk', { body: two, sent: [{}, {}] })).toEqual([1, 2])
    expect(keys('POST /orders', { body: { orders: two }, sent: { orders: [{}, {}] } })).toEqual([1, 2])
    expect(keys('POST /orders', { body: { data: two }, sent: [{}, {}] })).toEqual([1, 2])
    expect(keys('POST /orders', { body: [{ id: 1 }], sent: { note: 'x' } })).toEqual([1])
  })

  test.each([
    ['PUT /users/carl', {}, 'DELETE /users/carl'],
    ['PUT /users/carl', { id: 'carl' }, 'DELETE /users/carl'],
    ['PUT /user/7', {}, 'DELETE /user/7'],
    ['PUT /users/lucas', { data: { id: 'lucas' } }, 'DELETE /users/lucas'],
    ['PUT /dj/notes/7/', { id: 7 }, 'DELETE /dj/notes/7/'],
  ])('%s answered with %j is removed by %s', (line, body, removal) => {
    expect(removals(line, { body })).toEqual([removal])
  })

  test.each<[string, Seen]>([
    ['PUT /cats', { body: { id: 104 } }],
    ['PUT /cats', {}],
    ['PUT /people', {}],
    ['PUT /users/7/staff', {}],
    ['PUT /services/cats', {}],
    ['PUT /services/people', { body: { id: 104 } }],
    ['PUT /services/people', { location: '/services/people/104' }],
  ])('%s with %j may be a collection, and nothing is tracked', (line, seen) => {
    const { sets, doubt } = created(line, seen)
    expect(sets).toEqual([])
    expect(doubt?.why).toBe('that path may be that of a collection')
  })

  test.each<[string, Seen]>([
    ['PUT /me/settings/theme', {}],
    ['POST /me/addresses', { body: { id: 104 } }],
    ['POST /users/Current/keys', { body: { id: 104 } }],
    ['POST /profiles', { location: '/profiles/me' }],
    ['POST /my/notes', { body: [{ id: 1 }], sent: {} }],
  ])('%s with %j depends on the user, and nothing is tracked', (line, seen) => {
    const { sets, doubt } = created(line, seen)
    expect(sets).toEqual([])
    expect(doubt?.why).toContain('depends on who sends the request')
  })

  test.each<[string, Seen, string]>([
    ['POST /dj/notes/', { body: { id: 102 } }, 'DELETE /dj/notes/102/'],
    ['POST /dj/notes/', { body: { id: 102 }, location: '/dj/notes/102' }, 'DELETE /dj/notes/102'],
    ['POST /dj/notes', { location: '/dj/notes/102/' }, 'DELETE /dj/notes/102/'],
    ['POST /dj/notes', { body: { id: 102 }, location: '/dj/notes/' }, 'DELETE /dj/notes/102'],
    ['POST /dj/notes', { body: { id: 102 }, location: '/dj/notes/102/pages/' }, 'DELETE /dj/notes/102'],
  ])('%s with %j is removed by %s', (line, seen, removal) => {
    expect(removals(line, seen)).toEqual([removal])
  })
})

describe('with a rule', () => {
  test.each<[string, Seen, string[]]>([
    ['POST /signup', { location: '/users/7', rule: { type: 'user' } }, ['DELETE /users/7']],
    ['POST /signup', { body: { id: 7 }, location: '/users/7/', rule: { type: 'user' } }, ['DELETE /users/7/']],
    ['POST /signup', { location: '/users/7', rule: { remove: 'DELETE /all/users/{id}' } }, ['DELETE /all/users/7']],
    ['POST /users/1/orders', { location: '/v2/orders/7/', rule: {} }, ['DELETE /v2/orders/7/']],
    ['POST /odata/Users', { location: '/odata/Users(100)', rule: {} }, ['DELETE /odata/Users(100)']],
    [
      'POST /odata/Users',
      { location: "/odata/Users('carl')", rule: { id: 'location' } },
      ["DELETE /odata/Users('carl')"],
    ],
    [
      'POST /odata/Users',
      { location: '/odata/Users(100)', rule: { id: 'location', remove: 'DELETE /odata/Users({id})' } },
      ['DELETE /odata/Users(100)'],
    ],
    [
      'POST /odata/Users',
      { location: "/odata/Users('carl')", rule: { id: 'location', remove: "DELETE /odata/Users('{id}')" } },
      ["DELETE /odata/Users('carl')"],
    ],
    ['POST /form-users', { location: '/users/7', rule: { id: 'location', type: 'user' } }, ['DELETE /users/7']],
    ['POST /users', { location: '/users/carl', rule: { id: 'location' } }, ['DELETE /users/carl']],
    [
      'POST /signup',
      { location: '/users/carl', rule: { id: 'location', remove: 'DELETE /internal/users/{id}/all' } },
      ['DELETE /internal/users/carl/all'],
    ],
    ['POST /seed', { location: '/users/7', rule: { many: { users: 'location' } } }, ['DELETE /users/7']],
    ['PUT /users', { body: { id: 1 }, rule: { id: 'body.id' } }, ['DELETE /users/1']],
    ['PUT /users/carl', { body: { id: 1 }, rule: { id: 'body.id' } }, ['DELETE /users/1']],
    ['PUT /profile', { body: { id: 1 }, rule: { id: 'body.id' } }, ['DELETE /profile/1']],
    ['POST /carts/3/items', { body: { id: 3, items: [] }, rule: {} }, ['DELETE /carts/3/items/3']],
    ['POST /orders', { body: { items: [{ id: 1 }, { id: 2 }] }, rule: {} }, ['DELETE /orders/1', 'DELETE /orders/2']],
    ['POST /me/addresses', { body: { id: 104 }, rule: {} }, ['DELETE /me/addresses/104']],
    ['POST /dj/notes/', { body: { id: 102 }, rule: { type: 'memo' } }, ['DELETE /dj/notes/102/']],
    ['PUT /cats', { body: { id: 104 }, rule: { remove: 'DELETE /cats/{id}' } }, ['DELETE /cats/104']],
  ])('%s with %j is removed by %s', (line, seen, expected) => {
    expect(removals(line, seen)).toEqual(expected)
  })

  test.each<[string, string, Omit<HttpRule, 'create'>]>([
    ['POST /users', '/users', { id: 'location' }],
    ['POST /users', '/users/', { id: 'location', remove: 'DELETE /users/{id}' }],
    ['POST /users', '/login', { id: 'location' }],
    ['POST /users', '/login', { id: 'location', remove: 'DELETE /users/{id}' }],
    ['POST /users', '/users/new', { id: 'location' }],
    ['POST /users', '/users/7/edit', { id: 'location' }],
    ['POST /users', '/users/7/edit', {}],
    ['POST /form-users', '/users', { id: 'location', type: 'user' }],
    ['POST /form-users', '/users/7', { id: 'location' }],
    ['POST /form-users', '/users', { id: 'location', remove: 'DELETE /users/{id}' }],
    ['POST /comments', '/articles/5', {}],
    ['POST /comments', '/articles/5', { id: 'location' }],
    ['POST /comments', '/articles/5', { remove: 'DELETE /comments/{id}' }],
    ['POST /comments', '/articles/5', { many: { comments: 'location' } }],
    ['POST /users/7/avatar', '/users/7', { id: 'location' }],
    ['POST /', '/users', { id: 'location' }],
  ])('a Location that does not fit the rule gives no id: %s, %s, %j', (line, location, rule) => {
    const { sets, doubt } = created(line, { location, rule: { ...rule, status: [303] } })
    expect(sets).toEqual([])
    expect(doubt?.why).toContain('its Location is not')
  })

  test('a Location of another collection that ends in the response’s id is not tracked', () => {
    expect(removals('POST /comments', { body: { id: 5 }, location: '/articles/5', rule: {} })).toEqual([])
    expect(removals('POST /comments', { body: { id: 5 }, location: '/home', rule: {} })).toEqual(['DELETE /comments/5'])
  })

  test('a GraphQL query creates nothing, a mutation does', () => {
    const rule = { status: [200], id: 'body.data.createUser.id' }
    const asked = (query: string, body: Json) => created('POST /graphql', { sent: { query }, body, rule })
    expect(asked('{ users { id } }', { data: { users: [] } })).toEqual({ sets: [], none: 'not-a-creation' })
    expect(asked('# all\nquery All($n: Int) { users(n: $n) { id } }', {})).toEqual({ sets: [], none: 'not-a-creation' })
    expect(asked('corn brooms', { data: { createUser: { id: 7 } } }).sets[0]?.keys).toEqual([7])
    expect(created('POST /graphql', { sent: [], body: { id: 7 }, rule: {} }).sets[0]?.keys).toEqual([7])
    expect(asked('mutation { createUser { id } }', { data: { createUser: { id: 7 } } }).sets[0]?.keys).toEqual([7])
  })

  test('a Location that is part of the request’s own path is not tracked, and `many` keeps its slash', () => {
    expect(removals('POST /users/7/avatar', { location: '/users/7', rule: {} })).toEqual([])
    expect(removals('POST /documents/7', { location: '/documents/7', rule: {} })).toEqual([])
    const several = { many: { page: 'body.pages[].id' } }
    expect(removals('POST /dj/notes/', { body: { pages: [{ id: 1 }] }, rule: several })).toEqual([
      'DELETE /dj/pages/1/',
    ])
  })
})
