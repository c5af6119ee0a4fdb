// Tells the caller the time, in the project's time zone. The sentence itself is `utter_SNAKE` in the domain.
import { Failure, offer } from './centralita.js';

function tell(run) {
  const time = /T(\d\d):(\d\d)/.exec(run.now());
  if (!time) throw new Failure('failed', 'the host gave no time');
  run.say('utter_SNAKE', { time: `${Number(time[1])}:${time[2]}` });
}

export const actions = offer({
  action_SNAKE: tell,
});
