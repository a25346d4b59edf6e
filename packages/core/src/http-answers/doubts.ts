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
}

export const doubts = {
  noId: { why: 'no id was found in the answer', rule: "id: 'body.name'" },
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
  refused: { why: 'its body reports an error', rule: "id: 'body.id'" },
  collection: {
    why: 'that path may be that of a collection',
    rule: "id: 'body.id', remove: 'DELETE /things/{id}'",
  },
  dependsOnSender: {
    why: 'its path (me, my, cart) depends on who sends the request, and the removal may use other credentials',
    rule: "remove: 'DELETE /users/{body.userId}/things/{id}'",
  },
  query: {
    why: 'its URL has a query that the removal would not have',
    rule: "remove: 'DELETE /things/{id}?name={body.name}'",
  },
  ruleQuery: {
    why: 'its URL has a query that its rule does not name',
    advice:
      "If it creates nothing to remove, put { create: '{route}', ignore: true } before that rule; if it does, name the query in the rule: create: '{route}'.",
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

const headerRule = (name: string): string =>
  `remove: { request: 'DELETE /things/{id}', headers: { '${name}': '${headerValue(name)}' } }`

function headerValue(name: string): string {
  if (!isAddressHeader(name)) return '{body.name}'
  return namesHost(name) ? 'http://shop.example.com/things/{id}' : '/things/{id}'
}
