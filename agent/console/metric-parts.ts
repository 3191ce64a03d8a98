import { Gauge, type Registry } from 'prom-client';

/** Puts the values of now into metrics. */
export type Update = () => void;

type MakeGauge = (name: string, help: string, ...labelNames: readonly string[]) => Gauge;

export function gaugesOf(registry: Registry): MakeGauge {
  return (name, help, ...labelNames) => new Gauge({ name, help, labelNames, registers: [registry] });
}
