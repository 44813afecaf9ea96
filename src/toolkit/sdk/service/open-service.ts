// The heavy half of createTunnelService, loaded when it is called.

import {randomBytes} from 'node:crypto'
import {createLogWriter, type ListenTarget, Secret} from '../../../foundation/platform/index.ts'
import {type AccessKey, createTunnelService, type TunnelService} from '../../../service/tunnel-service/index.ts'
import {nowhere, silentWriter, tell} from '../logging.ts'
import type {ListenAddress, TunnelServiceOptions} from '../options.ts'

/** Starts a service as the options say. */
export async function openService(options: TunnelServiceOptions): Promise<TunnelService> {
  const {tunnelId, control, ingress, ingressToken, responseTimeout, stateFile, logger, logLevel} = options
  const keys = keysOf(options)
  const token = ingressToken === undefined ? undefined : new Secret(ingressToken)
  const writer =
    logger === undefined
      ? silentWriter
      : await createLogWriter({
          level: logLevel ?? 'info',
          format: 'json',
          stream: nowhere(),
          attrs: {},
          onRecord: (record) => tell(logger, record),
        })
  return await createTunnelService({
    ...(tunnelId === undefined ? {} : {tunnelId}),
    ...(control === undefined ? {} : {control: listen(control)}),
    ...(ingress === undefined ? {} : {ingress: listen(ingress)}),
    ...(token === undefined ? {} : {ingressToken: token}),
    ...(responseTimeout === undefined ? {} : {responseTimeoutMs: responseTimeout}),
    ...(stateFile === undefined ? {} : {stateFile}),
    ...(keys.length === 0 ? {} : {keys}),
    log: writer.logger,
  })
}

const listen = (address: ListenAddress): ListenTarget =>
  'unixSocket' in address ? address : {host: address.host ?? '127.0.0.1', port: address.port ?? 0}

/** Both keys or none: a service has one of each. */
function keysOf({apiKey, adminKey}: TunnelServiceOptions): AccessKey[] {
  if (apiKey === undefined && adminKey === undefined) return []
  return [
    {name: 'runtime', value: new Secret(apiKey ?? randomKey()), scopes: ['read', 'use']},
    {name: 'admin', value: new Secret(adminKey ?? randomKey()), scopes: ['read', 'manage']},
  ]
}

const randomKey = (): string => `sk-tunnel-${randomBytes(24).toString('base64url')}`
