/** `weft doctor`: what this machine and installation are, and what is wrong with them. */
import { ERRORS, EXIT } from '../../errors.ts';
import type { SystemReport } from '../../protocol/system-report.ts';
import type { CommandContext } from '../context.ts';
import { drawError } from '../draw/error.ts';
import { joinLines } from '../draw/lines.ts';
import { drawSystemReport } from '../draw/system-report.ts';
import { type JsonOption, printJson, withApplication } from '../with-application.ts';

/** Ends with the exit code of the first problem. */
export function doctorCommand(context: CommandContext, options: JsonOption): Promise<number> {
  return withApplication(context, options, async (application) => {
    const report = await application.system.report();
    if (options.json === true) printJson(context, report);
    else print(context, report);
    const [problem] = report.problems;
    return problem === undefined ? EXIT.ok : ERRORS[problem.code].exit;
  });
}

function print({ terminal }: CommandContext, report: SystemReport): void {
  terminal.print(joinLines(drawSystemReport(report, terminal)));
  for (const problem of report.problems)
    terminal.printError(joinLines(['', ...drawError(problem, terminal.errorColors)]));
}
