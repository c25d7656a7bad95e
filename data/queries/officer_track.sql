-- officer_track: where an officer was since a moment, only while the roster had them on duty.
--
-- grain  one row a position, oldest first
-- reads  officer_positions, duty_roster
--
-- lon         double                    degrees
-- lat         double                    degrees
-- speed_kmh   double                    speed
-- event_time  timestamp with time zone  of the position
-- simulated   boolean                   from the simulated city

with positions as (
    select lon, lat, speed_kmh, event_time, simulated
    from officer_positions
    where officer_id = $officer_id
        and event_time > $since
        and event_time <= $event_time
        and known_time <= $known_time
    qualify not simulated or bool_and(simulated) over ()
),

duty as (
    select event_time, state, until
    from duty_roster
    where officer_id = $officer_id
        and event_time > $since - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
    qualify row_number() over (partition by event_time order by simulated, known_time desc) = 1
)

select
    positions.lon,
    positions.lat,
    positions.speed_kmh,
    positions.event_time,
    positions.simulated
from positions
asof join duty on positions.event_time >= duty.event_time
where duty.state in ('on_duty', 'assigned')
    and coalesce(duty.until > positions.event_time, true)
order by positions.event_time
