import { jest } from '@jest/globals';
import type { Client } from '@temporalio/client';

/** Another client pauses the schedule right after it has been read once more. */
export function pauseAtNextReading(client: Client, scheduleId: string, note: string): void {
  const service = client.workflowService;
  const original = service.describeSchedule.bind(service);
  const read = jest
    .spyOn(service, 'describeSchedule')
    .mockImplementation(async (request: Parameters<typeof original>[0]) => {
      const found = await original(request);
      read.mockRestore();
      await client.schedule.getHandle(scheduleId).pause(note);
      return found;
    });
}
