// A promise and the hand that settles it. Node 20 has no Promise.withResolvers.

/** A promise that somebody else resolves. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
}

/** A fresh one. */
export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return {promise, resolve}
}
