-- Reports that somebody is to be called back about are looked for by the number at every call, and by the client at a report.
create index blocking_requests_left_by on blocking_requests (callback_number) where status in ('abandoned', 'unverified');
create index blocking_requests_left_of on blocking_requests (client_id) where status in ('abandoned', 'unverified');
