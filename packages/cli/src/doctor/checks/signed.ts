/** `+3`, `−12` */
export const signed = (number: number): string => `${number < 0 ? '−' : '+'}${Math.abs(number)}`
