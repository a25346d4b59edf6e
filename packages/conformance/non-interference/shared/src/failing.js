/** Failures that are told in many ways. */
export class PaymentError extends Error {
  constructor(message, options) {
    super(message, options)
    this.name = 'PaymentError'
    this.code = 'E_PAYMENT'
    this.details = { amount: 12, currency: 'EUR' }
  }
}

export function deep(levels, fail = () => new Error('deep down')) {
  if (levels === 0) throw fail()
  return deep(levels - 1, fail)
}

export async function chain(levels) {
  await undefined
  if (levels === 0) throw new Error('at the end of the chain')
  return chain(levels - 1)
}

export function wrapped() {
  try {
    deep(2, () => new TypeError('the first cause'))
  } catch (cause) {
    throw new PaymentError('could not pay', { cause })
  }
}

export const several = () => Promise.any([Promise.reject(new Error('one')), Promise.reject(new Error('two'))])

export const later = (fail) =>
  new Promise((_, reject) => {
    setTimeout(() => reject(fail()), 1)
  })
