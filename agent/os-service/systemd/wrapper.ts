import { account } from './places.ts';
import { shellWord } from './quote.ts';
import { placeWords } from './unit.ts';

/**
 * The text of the command `rollcall` in a shell. root acts as the service's account, so that what it writes belongs to the service; its
 * right to read and write any file stays. What changes the service itself needs root.
 */
export function wrapperText(options: {
  readonly programFolder: string;
  readonly configFile: string;
  readonly stateDirectory: string;
}): string {
  const given = placeWords(options).map(shellWord).join(' ');
  return `#!/bin/sh
program=${shellWord(`${options.programFolder}/launch`)}
${given === '' ? '' : `set -- ${given} "$@"\n`}
# "service" and what follows it; "service configure" writes what belongs to the service.
command=
skips=no
for word in "$@"; do
  if [ "$skips" = yes ]; then
    skips=no
    continue
  fi
  case $word in
    --config | --state | --organization | --log-level) skips=yes ;;
    -*) ;;
    *)
      command="$command $word"
      case $command in " service") ;; *) break ;; esac
      ;;
  esac
done
as_root=no
case $command in
  " service configure") ;;
  " service"*) as_root=yes ;;
esac

if [ "$as_root" = no ] && [ "$(id -u)" = 0 ] && id -u ${account} >/dev/null 2>&1; then
  exec setpriv --reuid=${account} --regid=${account} --init-groups --inh-caps=-all,+dac_override --ambient-caps=-all,+dac_override \\
    --bounding-set=-all,+dac_override --no-new-privs -- "$program" "$@"
fi
exec "$program" "$@"
`;
}

/** The text of `launch` for a program that is not one executable: there is no other release of it to start. */
export function checkoutLauncherText(program: { readonly node: string; readonly main: string }): string {
  return `#!/bin/sh
# Starts rollcall from a checkout.
exec ${shellWord(program.node)} ${shellWord(program.main)} "$@"
`;
}
