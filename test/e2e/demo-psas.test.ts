import { describe, it } from 'vitest';
import { sampleCases } from '../demo/sample-cases.ts';
import { expectWholeStory, play } from './played-demo.ts';

describe.concurrent('the demo with another PSA', () => {
  it.each([
    ['connectwise', 'ConnectWise'],
    ['autotask', 'Autotask'],
  ])('plays the same with %s, and finds its own claims true', async (type, psa) => {
    expectWholeStory(await play(['--psa', type], { NO_COLOR: '1', FORCE_COLOR: undefined }), sampleCases.length, psa);
  });
});
