/** Why nothing is believed, and what of a rule says otherwise. */

export interface Doubt {
  readonly why: string
  /** Undefined: no rule can. `{route}` stands for the rule's own, with the query. */
  readonly rule?: string
}

export const doubts = {
  noId: { why: 'no id was found in the answer', rule: "id: 'body.name'" },
  elsewhere: {
    why: 'its Location does not go on from that path',
    rule: "id: 'location', remove: 'DELETE /things/{id}'",
  },
  otherOrigin: {
    why: 'its Location is on another origin',
    rule: "id: 'location', remove: 'DELETE /things/{id}'",
  },
  notOfRule: {
    why: 'its Location is not one of the things that the rule is about',
    rule: "type: 'thing', or remove: 'DELETE /things/{id}'",
  },
  several: { why: 'its Location ends in an id that its body does not have', rule: "id: 'body.id'" },
  ofPath: { why: 'the id in the answer is one of that path', rule: "id: 'body.id'" },
  ofSent: { why: 'the id in the answer is one that the request named as of something else', rule: "id: 'body.name'" },
  other: { why: 'the answer says that it shows something else', rule: "id: 'body.name'" },
  wasThere: { why: 'the answer says that it was there before' },
  notDone: { why: 'the answer says that nothing was done' },
  changed: { why: 'what it lists says itself that it was not created' },
  otherType: {
    why: 'some of its items are of another JSON:API type',
    rule: "type: 'thing', remove: 'DELETE /things/{id}', or many: { thing: 'body.data[].id' }",
  },
  replayed: { why: 'that is the replay of an answer that was given before' },
  notAnswered: { why: 'the same request may have created it before, when what became of it was not known' },
  multiStatus: {
    why: 'it tells of several things, each with a status of its own',
    rule: "status: [207], id: 'body.results[].id'",
  },
  ofParent: { why: 'the answer shows what the new thing was added to', rule: "id: 'body.name'" },
  list: { why: 'its list is not as long as the one that was sent', rule: "id: 'body[].id'" },
  sent: { why: 'the request gave ids itself, which may be of what was there before', rule: "id: 'body[].id'" },
  refused: { why: 'its answer tells of an error', rule: "id: 'body.id'" },
  collection: {
    why: 'that path may be the one of many things',
    rule: "id: 'body.id', remove: 'DELETE /things/{id}'",
  },
  whoeverAsks: {
    why: 'its path (me, my, cart) means whoever asks, and a removal may be sent by somebody else',
    rule: "remove: 'DELETE /users/{body.userId}/things/{id}'",
  },
  query: {
    why: 'its URL has a query that its removal would not have',
    rule: "remove: 'DELETE /things/{id}?name={body.name}'",
  },
  ruleQuery: {
    why: 'its URL has a query that its rule does not name',
    rule: "create: '{route}'",
  },
  host: {
    why: 'its Host header names another host than its URL, and its removal would not name that',
    rule: "remove: { request: 'DELETE /things/{id}', headers: { host: 'name' } }",
  },
  otherAddress: { why: 'its answer came from another address than that of its URL' },
} as const satisfies Record<string, Doubt>

/** A header that chooses whose things are meant. */
export const chosenBy = (name: string): Doubt => ({
  why: `its header ${name} may choose whose it is, and its removal would not have it`,
  rule: headerRule(name),
})

export const chosenOtherwise = (name: string): Doubt => ({
  why: `its header ${name} may choose whose it is, and its removal would have another`,
  rule: headerRule(name),
})

/** @param what of the removal: a header's name, or a parameter's with `?` */
export const addedBy = (what: string): Doubt => ({
  why: `its removal would have ${what}, which may choose whose it is, and the request has not`,
  ...(what.startsWith('?') ? {} : { rule: headerRule(what) }),
})

const headerRule = (name: string): string =>
  `remove: { request: 'DELETE /things/{id}', headers: { '${name}': '{body.name}' } }`
