import { planRemove } from '../../agents/index.ts';
import type { Context } from '../context.ts';
import type { Ending } from '../ending.ts';
import { carryOut, type ProtectOptions } from './protect.ts';

export function unprotect(context: Context, agent: string, options: ProtectOptions): Promise<Ending> {
  return carryOut(context, agent, options, planRemove);
}
