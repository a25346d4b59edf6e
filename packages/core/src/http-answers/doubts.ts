/** Reasons not to trust an answer, and the rule that resolves each. */

import { isAddressHeader, namesHost } from './owner-names.ts'

export interface Doubt {
  readonly why: string
  /** The part of a rule that resolves it. Undefined: no rule can. */
  readonly rule?: string
  /**
   * The advice, if a rule that says what was created is not enough. `{create}` is replaced by the request's
   * route, `{route}` by the route with its query.
   */
  readonly advice?: string
  /** The operation, if its path is that of many: `createUser`. */
  readonly of?: string
}

export const doubts = {
  noDocument: { why: 'the request has no GraphQL document that says what it does' },
  unknownName: { why: 'its name does not say whether it creates something' },
  noId: { why: 'no id was found in the answer', rule: "id: 'body.name'" },
  inQuery: {
    why: 'it is only named by the query of its Location',
    advice: 'Let the answer show it (PostgREST does so with the header Prefer: return=representation), or track() it.',
  },
  elsewhere: {
    why: 'its Location is not under that path',
    rule: "id: 'location', remove: 'DELETE /things/{id}'",
  },
  otherOrigin: {
    why: 'its Location is on another origin',
    rule: "id: 'location', remove: 'DELETE /things/{id}'",
  },
  notOfRule: {
    why: 'its Location is not a resource that the rule is about',
    rule: "type: 'thing', or remove: 'DELETE /things/{id}'",
  },
  several: { why: 'its Location ends in an id that is not in its body', rule: "id: 'body.id'" },
  linked: { why: 'its link names something other than its id', rule: "id: 'body.id'" },
  index: {
    why: 'the answer names another index than its path, which may be an alias',
    rule: "remove: 'DELETE /{body._index}/_doc/{id}'",
  },
  reads: {
    why: 'its path ends in a word for reading, so the answer may show something that existed before',
    advice:
      "If it creates nothing to remove, ignore it: { create: '{create}', ignore: true }. If it does, say so in a rule: { create: '{create}' }.",
  },
  upsert: {
    why: 'it may have changed something that existed before',
    advice:
      "Track by hand what is new, with track(). To ignore all requests to that route, put { create: '{route}', ignore: true } before other rules.",
  },
  ofPath: { why: 'the id in the answer also occurs in that path', rule: "id: 'body.id'" },
  ofSent: { why: 'the request refers to something else by the id in the answer', rule: "id: 'body.name'" },
  unread: {
    why: 'the request body is too large or encoded, and may have named an existing resource',
    rule: "id: 'body.id'",
  },
  other: { why: 'the answer says that it shows something else', rule: "id: 'body.name'" },
  existed: { why: 'the answer says that it existed before' },
  notDone: { why: 'the answer says that nothing was done' },
  changed: { why: 'the items that it lists say that they were not created' },
  otherType: {
    why: 'some of its items are of another JSON:API type',
    rule: "type: 'thing', remove: 'DELETE /things/{id}', or many: { thing: 'body.data[].id' }",
  },
  replayed: { why: 'that answer replays an earlier one' },
  notAnswered: { why: 'an earlier attempt at the same request, whose outcome is unknown, may have created it' },
  multiStatus: {
    why: 'it reports several results, each with its own status',
    rule: "status: [207], id: 'body.results[].id'",
  },
  ofParent: { why: 'the answer shows the parent that the new resource was added to', rule: "id: 'body.name'" },
  list: { why: 'its list and the one that was sent differ in length', rule: "id: 'body[].id'" },
  sent: { why: 'the request itself contained ids, which may belong to existing resources', rule: "id: 'body[].id'" },
  tooDeep: { why: 'its body or that of the request is nested more than 500 levels deep' },
  refused: { why: 'its body reports an error', rule: "id: 'body.id'" },
  collection: {
    why: 'that path may be that of a collection',
    rule: "id: 'body.id', remove: 'DELETE /things/{id}'",
  },
  dependsOnSender: {
    why: 'its path (me, my, cart) depends on who sends the request, and the removal may use other credentials',
    rule: "remove: 'DELETE /users/{body.userId}/things/{id}'",
  },
  calledMine: {
    why: '"mine" at the end of its path may mean the sender of the request',
    advice: "If it is a name, say so in a rule: { create: '{create}' }.",
  },
  query: {
    why: 'its URL has a query that the removal would not have',
    advice:
      "If the removal does not need it, a rule is enough: { create: '{create}' }. If it does, name it there, with the value of the request or one of the answer: remove: 'DELETE /things/{id}?name={body.name}'.",
  },
  ownerQuery: {
    why: 'its URL has a query that the removal would not have',
    advice:
      "Name the same owner in the removal: remove: 'DELETE /things/{id}?name=value', or ?name={body.name} if the answer has it.",
  },
  ruleQuery: {
    why: 'its URL has a query that its rule does not name',
    advice:
      "If it creates nothing to remove, put { create: '{route}', ignore: true } before that rule; if it does, name the query in the rule: create: ['{route}', '{create}'].",
  },
  part: {
    why: 'its query addresses only a part or a property of the resource, and the removal would delete the whole resource',
    advice: "Ignore it: put { create: '{route}', ignore: true } before other rules.",
  },
  overwritten: {
    why: 'it may have overwritten something that already had that name',
    advice:
      "If it never overwrites anything, say so in a rule: { create: '{create}' }. Otherwise ignore it: { create: '{create}', ignore: true }.",
  },
  host: {
    why: 'its Host header differs from the host in its URL, and the removal would not send it',
    rule: "remove: { request: 'DELETE /things/{id}', headers: { host: 'name' } }",
  },
  otherAddress: { why: 'its answer came from an address other than that of its URL' },
} as const satisfies Record<string, Doubt>

/** The doubt for a header that selects the owner. */
export const chosenBy = (name: string): Doubt => ({
  why: `its header ${name} may select the owner, and the removal would not send it`,
  rule: headerRule(name),
})

export const chosenOtherwise = (name: string): Doubt => ({
  why: `its header ${name} may select the owner, and the removal would send a different value`,
  rule: headerRule(name),
})

/** @param what part of the removal: a header's name, or a parameter's with `?` */
export const addedBy = (what: string): Doubt => ({
  why: `the removal would send ${what}, which may select the owner, and the request did not`,
  ...(what.startsWith('?') ? {} : { rule: headerRule(what) }),
})

/** @param field beside the id */
export const addressedBy = (field: string): Doubt => ({
  why: `its path may end in its ${field} rather than its id`,
  rule: `id: 'body.${field}'`,
})

const headerRule = (name: string): string =>
  `remove: { request: 'DELETE /things/{id}', headers: { '${name}': '${headerValue(name)}' } }`

function headerValue(name: string): string {
  // Answers do not repeat it.
  if (name === 'content-profile') return 'name'
  if (!isAddressHeader(name)) return '{body.name}'
  return namesHost(name) ? 'http://shop.example.com/things/{id}' : '/things/{id}'
}
