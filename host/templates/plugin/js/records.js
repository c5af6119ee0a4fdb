// The operator's named statements. A plugin never sees SQL; rows are objects by column.
import * as records from 'centralita:action/records@0.1.0';
import { fromHost, toHost } from './centralita.js';

const rows = (found) => found.map((row) => Object.fromEntries(row.map(([column, value]) => [column, fromHost(value)])));

export const query = (statement, ...parameters) => rows(records.query(statement, parameters.map(toHost)));
export const execute = (statement, ...parameters) => rows(records.execute(statement, parameters.map(toHost)));
