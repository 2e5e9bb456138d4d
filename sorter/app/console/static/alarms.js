import { onFrame } from './frame.js';
import { fill } from './alarmlist.js';

onFrame((frame) => fill(document.getElementById('alarms'), frame.alarms, true));
