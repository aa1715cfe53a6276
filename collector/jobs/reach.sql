-- A job has got this far.
INSERT INTO progress SELECT {job:String}, {reached:UInt64}, fromUnixTimestamp64Nano({now:Int64}, 'UTC');
