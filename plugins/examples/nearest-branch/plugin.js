// Finds the branch nearest to the caller's city. The sentences are `utter_branch` and `utter_no_branch` in the domain.
import { Failure, offer } from './centralita.js';
import { send } from './http.js';

function nearest(run) {
  const city = run.typed('city', 'text');
  if (!city) throw new Failure('failed', 'the city is not set');
  const answer = send('branches', 'GET', `/branches?city=${encodeURIComponent(city)}`);
  if (answer.status === 404) return run.say('utter_no_branch');
  if (answer.status !== 200) throw new Failure('unavailable', `the directory answered ${answer.status}`);
  const [branch] = answer.json().branches;
  run.set('branch_name', branch.name);
  run.say('utter_branch', { branch: branch.name, closes: branch.closes });
}

export const actions = offer({
  action_nearest_branch: nearest,
});
